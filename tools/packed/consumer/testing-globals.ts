/// <reference types="jest" />
import { defineEvents, event } from '@verotrack/core';
import { recordVero } from '@verotrack/testing';
import '@verotrack/testing/jest';

export const recorder = recordVero({ events: defineEvents({ logged_out: event() }) });

/** With the globals of `@types/jest`. */
export function test(): void {
  expect(recorder).toHaveTracked('logged_out', { identity: { id: expect.any(String) } });
  expect(recorder).not.toHaveTrackedNothing();
  // @ts-expect-error a typo
  expect(recorder).toHaveTracked('loged_out');
}
