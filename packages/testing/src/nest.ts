/** The part of the builder of `Test.createTestingModule` that matters here. */
export interface TestingModuleBuilder<Builder> {
  /** Names what is to be replaced. */
  overrideProvider(token: unknown): { useValue(value: unknown): Builder };
}

/** The token of `VeroModule`'s client, `VERO` of `@verotrack/nestjs`. */
const VERO = Symbol.for('verotrack.nestjs.client');

/**
 * Puts a recorder in the place of the client that `VeroModule` provides, which then is not made: no token is needed.
 *
 * @example
 * const module = await replaceVero(Test.createTestingModule({ imports: [AppModule] }), recorder).compile();
 */
export function replaceVero<Builder extends TestingModuleBuilder<Builder>>(
  builder: Builder,
  recorder: object,
): Builder {
  return builder.overrideProvider(VERO).useValue(recorder);
}
