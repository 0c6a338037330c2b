import { expect } from '@jest/globals';
import { defineEvents, event } from '@verotrack/core';
import { recordVero, replaceVero } from '@verotrack/testing';
import '@verotrack/testing/jest';

export const recorder = recordVero({
  events: defineEvents({ counted: event<{ count: number }>(), logged_out: event() }),
});

export function test(): void {
  expect(recorder).toHaveTracked('counted', { data: { count: 1 } });
  expect(recorder).not.toHaveTrackedTimes('logged_out', 2, { identity: { id: '42' } });
  // @ts-expect-error a typo
  expect(recorder).toHaveTracked('cuonted');
  // @ts-expect-error wrong data
  expect(recorder).toHaveTracked('counted', { data: { count: '1' } });
}

interface Builder {
  overrideProvider(token: unknown): { useValue(value: unknown): Builder };
}
export const replace = (builder: Builder): Builder => replaceVero(builder, recorder);
