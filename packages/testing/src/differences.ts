/** Where a value is not what was expected. */
export interface Difference {
  /** For example `data.items[0].price`; empty for the value itself. */
  readonly path: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** `expect.any(String)` and its like, of Vitest and of Jest. */
interface AsymmetricMatcher {
  asymmetricMatch(actual: unknown): boolean;
}

/**
 * Compares a value with a part of it: of an object, only the properties that are expected count; a list must have as many
 * items; a Date is the text that it becomes in JSON.
 */
export function differences(actual: unknown, expected: unknown, path = ''): readonly Difference[] {
  const different = [{ path, expected, actual }];
  if (isMatcher(expected)) return expected.asymmetricMatch(actual) ? [] : different;
  if (expected instanceof Date) return differences(actual, expected.toJSON(), path);
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return different;
    return expected.flatMap((item, index) => differences(actual[index], item, `${path}[${index}]`));
  }
  if (typeof expected !== 'object' || expected === null) return Object.is(actual, expected) ? [] : different;
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) return different;
  const dot = path === '' ? '' : `${path}.`;
  return Object.entries(expected).flatMap(([key, part]) => {
    const value = Object.hasOwn(actual, key) ? (actual as Record<string, unknown>)[key] : undefined;
    return differences(value, part, dot + key);
  });
}

function isMatcher(value: unknown): value is AsymmetricMatcher {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<AsymmetricMatcher>).asymmetricMatch === 'function'
  );
}
