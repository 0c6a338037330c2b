import type { EventIssue } from './errors.ts';

/** A value that JSON says as it is. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

// Deeper than any sensible event, and far from the end of the stack.
export const MAX_DEPTH = 64;
/** More of what is wrong with one event nobody reads. */
export const MAX_ISSUES = 20;

/**
 * Copies `value` into plain JSON, so that nothing the caller does later changes it. What JSON would distort or
 * refuse becomes an issue with its path. Never throws, whatever getters, proxies and `toJSON` methods do.
 *
 * Dates become ISO 8601 strings, `undefined` vanishes (and is `null` in a list, as in `JSON.stringify`), objects
 * with `toJSON` are asked for it.
 */
export function toPlainJson(value: unknown, path: string, options: PlainJsonOptions): Json | undefined {
  return new PlainCopy(options).copy(value, path, 0);
}

export interface PlainJsonOptions {
  /** Takes what is wrong. */
  readonly issues: EventIssue[];
  /** Characters after which the copy is given up. */
  readonly maxSize: number;
  /** Entries that are left out, unread. */
  readonly omit?: (key: string, path: string) => boolean;
}

class PlainCopy {
  readonly #issues: EventIssue[];
  readonly #omit: PlainJsonOptions['omit'];
  readonly #ancestors: object[] = [];
  #room: number;

  constructor({ issues, maxSize, omit }: PlainJsonOptions) {
    this.#issues = issues;
    this.#omit = omit;
    this.#room = maxSize;
  }

  copy(value: unknown, path: string, depth: number): Json | undefined {
    // A small object can unfold into a huge document, so the copy itself is bounded.
    if (this.#room < 0 || this.#issues.length >= MAX_ISSUES) return undefined;
    switch (typeof value) {
      case 'string':
        this.#spend(value.length + 2, path);
        return value;
      case 'boolean':
        this.#spend(4, path);
        return value;
      case 'number':
        if (!Number.isFinite(value)) return this.#refuse(path, `${value} can not be sent as JSON`);
        this.#spend(1, path);
        // JSON has no negative zero.
        return value === 0 ? 0 : value;
      case 'undefined':
        return undefined;
      case 'object':
        if (value === null) return null;
        try {
          return this.#object(value, path, depth);
        } catch (thrown) {
          return this.#refuse(path, `could not be read: ${safeMessage(thrown)}`);
        }
      case 'bigint':
        return this.#refuse(path, 'a bigint can not be sent as JSON; convert it to a string or a number');
      default:
        return this.#refuse(path, `a ${typeof value} can not be sent as JSON`);
    }
  }

  #object(value: object, path: string, depth: number): Json | undefined {
    if (depth >= MAX_DEPTH) return this.#refuse(path, `nested deeper than ${MAX_DEPTH} levels`);
    if (this.#ancestors.includes(value)) return this.#refuse(path, 'a cycle: it contains itself');
    // A Buffer's toJSON would unfold every byte of an upload.
    if (ArrayBuffer.isView(value))
      return this.#refuse(path, `binary data (${className(value)}); encode it as text`);
    if (value instanceof Date && Number.isNaN(value.getTime())) return this.#refuse(path, 'an invalid Date');
    this.#ancestors.push(value);
    try {
      if (hasToJson(value)) return this.#withToJson(value, path, depth);
      if (Array.isArray(value)) return this.#list(value, path, depth);
      if (isPlainObject(value)) return this.#entries(value, path, depth);
    } finally {
      this.#ancestors.pop();
    }
    return this.#refuse(path, `an instance of ${className(value)} without toJSON; pass a plain object`);
  }

  #withToJson(value: { toJSON(key: string): unknown }, path: string, depth: number): Json | undefined {
    const json = value.toJSON('');
    // A toJSON that answers with its own object would be asked for ever.
    if (json === value && !Array.isArray(json)) {
      return isPlainObject(value)
        ? this.#entries(value, path, depth)
        : this.#refuse(path, 'its toJSON returns itself');
    }
    return this.copy(json, path, depth + 1);
  }

  #list(list: readonly unknown[], path: string, depth: number): Json[] {
    this.#spend(2, path);
    const copy: Json[] = [];
    for (let index = 0; index < list.length && this.#room >= 0; index++) {
      this.#spend(1, path);
      copy.push(this.copy(list[index], `${path}[${index}]`, depth + 1) ?? null);
    }
    return copy;
  }

  #entries(object: object, path: string, depth: number): Record<string, Json> {
    this.#spend(2, path);
    const copy: Record<string, Json> = {};
    for (const key of Object.keys(object)) {
      if (this.#room < 0) break;
      const entryPath = keyPath(path, key);
      if (this.#omit?.(key, entryPath)) continue;
      const entry = this.copy((object as Record<string, unknown>)[key], entryPath, depth + 1);
      if (entry === undefined) continue;
      this.#spend(key.length + 4, path);
      if (key === '__proto__') {
        // Plain assignment would set the prototype instead of a key.
        Object.defineProperty(copy, key, {
          value: entry,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      } else {
        copy[key] = entry;
      }
    }
    return copy;
  }

  #spend(size: number, path: string): void {
    if (this.#room < 0) return;
    this.#room -= size;
    if (this.#room < 0) this.#refuse(path, 'larger than an event may be (see maxPayloadBytes)');
  }

  #refuse(path: string, message: string): undefined {
    if (this.#issues.length < MAX_ISSUES) this.#issues.push({ path, message });
    return undefined;
  }
}

/** Whether `value` is `{…}` or has no prototype, also when it comes from another realm. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

function hasToJson(value: object): value is { toJSON(key: string): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

function className(value: object): string {
  const prototype = Object.getPrototypeOf(value) as { constructor?: unknown } | null;
  const made = prototype?.constructor;
  return (typeof made === 'function' && made.name) || 'a class';
}

/** The path of an entry, as an issue has it. */
export function keyPath(path: string, key: string): string {
  const short = key.length > 80 ? `${key.slice(0, 80)}…` : key;
  return /^[A-Za-z_$][\w$]*$/.test(short) ? `${path}.${short}` : `${path}[${JSON.stringify(short)}]`;
}

function safeMessage(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message).slice(0, 200) : 'it threw';
  } catch {
    return 'it threw';
  }
}
