/** What the checks found, and how many of them there were. */
export class Report {
  readonly problems: string[] = [];
  readonly counts: { apps: number; typeChecks: number } = { apps: 0, typeChecks: 0 };

  /** Notes a failure, with what it belongs to, and goes on. */
  async attempt(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.problems.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
