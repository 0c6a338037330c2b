/** The names that a queue's parts have in pg-boss. */
export class QueueNames {
  readonly #prefix: string;

  constructor(queue: string) {
    this.#prefix = `${queue}.`;
  }

  /** What the names of all parts begin with. */
  get prefix(): string {
    return this.#prefix;
  }

  /** Where the events of a project wait. */
  events(project: string): string {
    return `${this.#prefix}${plain(project)}`;
  }

  /** Where the dead letters of a project are kept. */
  dead(project: string): string {
    return `${this.events(project)}.dead`;
  }
}

/** pg-boss takes few characters in a name, and a dot ends ours. */
function plain(project: string): string {
  return project.replaceAll(/[^A-Za-z0-9_]/gu, (character) => `-${Buffer.from(character).toString('hex')}`);
}
