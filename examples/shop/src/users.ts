import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

export interface User {
  readonly id: string;
  readonly email: string;
  readonly plan: 'free' | 'pro';
  /** The reason why no user row is ever given to anybody whole. */
  readonly passwordHash: string;
}

const scryptOf = promisify<string, string, number, Buffer>(scrypt);

/** The accounts, in memory. */
export class Users {
  readonly #users = new Map<string, User>();
  #lastId = 0;

  /** @returns `undefined` when the address has an account */
  async signUp(email: string, password: string): Promise<User | undefined> {
    const salt = randomBytes(16).toString('hex');
    const key = await scryptOf(password, salt, 32);
    // Looked up after the wait: of two sign-ups at once, one loses.
    if (this.#byEmail(email)) return undefined;
    const id = String(++this.#lastId);
    const user: User = { id, email, plan: 'free', passwordHash: `${salt}:${key.toString('hex')}` };
    this.#users.set(id, user);
    return user;
  }

  /** @returns `undefined` when the address or the password is wrong */
  async logIn(email: string, password: string): Promise<User | undefined> {
    const user = this.#byEmail(email);
    const [salt = '', key = ''] = user?.passwordHash.split(':') ?? [];
    const given = await scryptOf(password, salt, 32);
    const expected = Buffer.from(key, 'hex');
    return expected.length === given.length && timingSafeEqual(expected, given) ? user : undefined;
  }

  find(id: string | undefined): User | undefined {
    return id === undefined ? undefined : this.#users.get(id);
  }

  delete(user: User): void {
    this.#users.delete(user.id);
  }

  #byEmail(email: string): User | undefined {
    return [...this.#users.values()].find((user) => user.email === email);
  }
}
