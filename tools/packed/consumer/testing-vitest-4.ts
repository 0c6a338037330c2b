import { defineEvents, event } from '@verotrack/core';
import { recordVero } from '@verotrack/testing';
import { expect } from 'vitest';
import '@verotrack/testing/vitest-4';

export const recorder = recordVero({ events: defineEvents({ counted: event<{ count: number }>() }) });

export async function test(): Promise<void> {
  expect(recorder).toHaveTracked('counted', { data: { count: 1 } });
  expect(recorder).not.toHaveTrackedNothing();
  // @ts-expect-error a typo
  expect(recorder).toHaveTracked('cuonted');
  // @ts-expect-error wrong data
  expect(recorder).toHaveTracked('counted', { data: { count: '1' } });
}
