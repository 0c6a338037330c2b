/**
 * The tracking plan: what is tracked where, read from an application and held against a file.
 *
 * @packageDocumentation
 */
export {
  definePlan,
  type NestApplication,
  type NestDynamicModule,
  type NestModuleClass,
  type NestSource,
  type PlanOptions,
  type TrpcRouter,
} from './define-plan.ts';
export { toMarkdown } from './markdown.ts';
export {
  type JsonSchema,
  type PlannedData,
  type PlannedEvent,
  type PlannedProperty,
  type PlannedRoute,
  type TrackedInCode,
  type TrackingPlan,
  toJson,
} from './plan.ts';
export { trackingPlan } from './tracking-plan.ts';
