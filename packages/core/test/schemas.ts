import { type } from 'arktype';
import { type as type21 } from 'arktype-2.1';
import * as v from 'valibot';
import * as v10 from 'valibot-1.0';
import { z } from 'zod';
import { z as z40 } from 'zod-4.0';
import { defineEvents, event } from '../src/index.ts';

/** The same catalogue in every library, at both ends of what people have. */
export const zodEvents = defineEvents({
  signed_up: z.object({
    plan: z.enum(['free', 'pro']),
    tags: z.array(z.object({ text: z.string() })).optional(),
  }),
  logged_out: event(),
});

export const zod40Events = defineEvents({
  signed_up: z40.object({
    plan: z40.enum(['free', 'pro']),
    tags: z40.array(z40.object({ text: z40.string() })).optional(),
  }),
  logged_out: event(),
});

export const valibotEvents = defineEvents({
  signed_up: v.object({
    plan: v.picklist(['free', 'pro']),
    tags: v.optional(v.array(v.object({ text: v.string() }))),
  }),
  logged_out: event(),
});

export const valibot10Events = defineEvents({
  signed_up: v10.object({
    plan: v10.picklist(['free', 'pro']),
    tags: v10.optional(v10.array(v10.object({ text: v10.string() }))),
  }),
  logged_out: event(),
});

export const arktypeEvents = defineEvents({
  signed_up: type({ plan: "'free' | 'pro'", 'tags?': [{ text: 'string' }, '[]'] }),
  logged_out: event(),
});

export const arktype21Events = defineEvents({
  signed_up: type21({ plan: "'free' | 'pro'", 'tags?': [{ text: 'string' }, '[]'] }),
  logged_out: event(),
});
