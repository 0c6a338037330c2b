/** An answer that is no success. Its message never repeats what was sent. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What is wrong, one by one. */
  readonly issues: readonly string[];

  constructor(
    status: number,
    message: string,
    {
      headers = {},
      issues = [message],
    }: { headers?: Record<string, string>; issues?: readonly string[] } = {},
  ) {
    super(message);
    this.status = status;
    this.headers = headers;
    this.issues = issues;
  }

  /** 400, with everything that is wrong at once. */
  static of(issues: readonly string[]): Refusal {
    return new Refusal(400, `Bad request: ${issues.join('; ')}.`, { issues });
  }
}

/** What `work` returns, or the refusal that it throws. */
export function attempt<T>(work: () => T): T | Refusal {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown;
    throw thrown;
  }
}
