/**
 * For authors of adapters: request → scope and identity, declaration → event. `@verotrack/express` is the example.
 *
 * @packageDocumentation
 */
export { Attachment } from './adapter/attachment.ts';
export { AttributeLoader, type AttributesOptions } from './adapter/attributes.ts';
export {
  CALL_DECLARATION_RULES,
  type Choose,
  type Declaration,
  declareEvent,
  declareEvents,
  HTTP_CHOICE_RULES,
  HTTP_DECLARATION_RULES,
} from './adapter/declaration.ts';
export type {
  AnyData,
  ChooseEvents,
  Chosen,
  ChosenEvent,
  DataSource,
  DeclarationArguments,
  DeclarationConditions,
  DeclarationOptions,
  HasNoData,
  HttpConditions,
  HttpDeclarationOptions,
  MaybePromise,
  MayHaveData,
  OnlyKnown,
  WithData,
} from './adapter/declaration-types.ts';
export {
  type CallSite,
  catalogueOf,
  type DeclaredEvent,
  type DeclaredWhere,
  declaredEvents,
  describeDeclaration,
} from './adapter/declared-events.ts';
export { type OpenWork, onAccepted, whenWorkIsOver } from './adapter/observe.ts';
export { type DeclaredOnRequest, RequestTracking, RequestWork } from './adapter/request-tracking.ts';
export {
  type HttpRequest,
  type HttpResponse,
  onResponseSettled,
  rawMessage,
  type SettledResponse,
} from './adapter/response-settled.ts';
export { Tracking, type TrackingOptions } from './adapter/tracking.ts';
export { ABORTED, FAILED, SUCCEEDED, Work, type WorkEnd } from './adapter/work.ts';
export { aCatalogue } from './catalogue.ts';
export { assertInCatalogue } from './catalogue-check.ts';
export { VeroError } from './errors.ts';
export { isClient } from './internals.ts';
export { aBoolean, aFunction, anything, aString, checkOptions, closest, type OptionRule } from './options.ts';
export { Waiting } from './waiting.ts';
export { containRejection } from './within.ts';
