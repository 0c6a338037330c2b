import { createHash } from 'node:crypto';

/** Names, ids and e-mail addresses must be under this. */
const MAX_CHARACTERS = 255;

const ISO_8601 = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

/** A non-empty text of under 255 characters, as names and ids must be. */
export function isName(value: unknown): value is string {
  return isText(value) && isShort(value);
}

export function isEmail(value: unknown): value is string {
  return isText(value) && isShort(value) && /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(value);
}

export function isTime(value: unknown): value is string {
  return typeof value === 'string' && ISO_8601.test(value) && !Number.isNaN(Date.parse(value));
}

/** As Vero tells names apart: case, spaces and underscores make no difference. */
export function foldName(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_]+/g, '_');
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

/** The first characters, as a text of its own. */
export function beginning(text: string, characters: number): string {
  return text.length <= characters ? text : ownText(text.slice(0, characters));
}

/** A copy: a part of a text would keep the whole in memory. */
export function ownText(part: string): string {
  return Buffer.from(part).toString();
}

/** As much of a text as a name or an id may have; `null` for anything else. */
export function shortText(value: unknown): string | null {
  return typeof value === 'string' ? beginning(value, MAX_CHARACTERS) : null;
}

function isShort(text: string): boolean {
  return text.length < MAX_CHARACTERS || [...text].length < MAX_CHARACTERS;
}
