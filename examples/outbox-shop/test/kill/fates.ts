/**
 * Products whose orders end in some way that real ones end in, too. What is more than one statement away from the event
 * fails after it, in the same transaction.
 */
export const FATES: Readonly<Record<string, { readonly weight: number; readonly stock: number }>> = {
  'in stock': { weight: 12, stock: 1_000_000 },
  // Broken: the CHECK of the stock, after the event.
  'sold out': { weight: 3, stock: 0 },
  // The stock takes longer than a statement may, after the event.
  'slow stock': { weight: 1, stock: 1_000_000 },
  // Hardly a statement is quick enough, that of the event among them.
  'hurried event': { weight: 2, stock: 1_000_000 },
  // Refused by the COMMIT itself.
  'refused commit': { weight: 3, stock: 1_000_000 },
};

/** What makes them end so. */
export const fateTriggers = `
CREATE FUNCTION hurry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM set_config('statement_timeout', CASE NEW.product_id WHEN 'hurried event' THEN '1' ELSE '50' END, true);
  RETURN NEW;
END $$;
CREATE TRIGGER hurry BEFORE INSERT ON orders
  FOR EACH ROW WHEN (NEW.product_id IN ('slow stock', 'hurried event')) EXECUTE FUNCTION hurry();

CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM pg_sleep(10);
  RETURN NEW;
END $$;
CREATE TRIGGER dawdle BEFORE UPDATE ON products
  FOR EACH ROW WHEN (NEW.id = 'slow stock') EXECUTE FUNCTION dawdle();

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'refused at the commit';
END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.product_id = 'refused commit') EXECUTE FUNCTION refuse();
`;

export function fateBy(random: () => number): string {
  const fates = Object.entries(FATES);
  let left = random() * fates.reduce((sum, [, { weight }]) => sum + weight, 0);
  for (const [fate, { weight }] of fates) {
    left -= weight;
    if (left < 0) return fate;
  }
  throw new Error('the weights do not add up');
}
