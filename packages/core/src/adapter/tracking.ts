import type { Identity } from '../event.ts';
import { type ClientInternals, internalsOf } from '../internals.ts';
import { aFunction, anObject, checkOptions } from '../options.ts';
import { AttributeLoader, type AttributesOptions } from './attributes.ts';
import type { Declaration } from './declaration.ts';
import {
  type DeclaredEvent,
  type DeclaredWhere,
  describeDeclaration,
  rememberDeclared,
} from './declared-events.ts';

/** What every adapter's factory takes. `C` is what callbacks get. */
export interface TrackingOptions<C, User = Identity> {
  /**
   * Who does the work: synchronous and cheap, asked when it begins and, while it gives nothing, again at its end.
   * Take it from what the server knows (a session, a verified token), never from what a client may write.
   * @default nobody, or who the scope around says
   */
  readonly identify?: ((context: C) => User | null | undefined) | undefined;
  /** User attributes that cost a query, loaded only for events that are sent. @default none */
  readonly attributes?: AttributesOptions<C> | undefined;
}

/** What an adapter made for one client shares between requests. */
export class Tracking<C> {
  /** What the client lets adapters use. */
  readonly client: ClientInternals;
  /** The adapter's own option. */
  readonly identify: TrackingOptions<C>['identify'];
  /** Loads the attributes of the adapter's option, where there is one. */
  readonly attributes: AttributeLoader<C> | undefined;

  /** @throws {VeroError} `VERO_CONFIG` for a bad client or option */
  constructor(where: string, vero: unknown, options: TrackingOptions<C>) {
    this.client = internalsOf(vero, where);
    const { identify, attributes } = checkOptions(where, options, {
      identify: aFunction,
      attributes: anObject,
    });
    this.identify = identify;
    this.attributes = attributes && new AttributeLoader(where, attributes, this.client.events);
  }

  /**
   * Holds a declaration against the catalogue of the client, where it has one.
   *
   * @throws {VeroError} `VERO_CONFIG` for a declaration of an event that is not in the client's catalogue
   */
  assertInCatalogue(where: string, { names }: { readonly names: readonly string[] }): void {
    this.client.events.catalogue.assertKnown(where, names);
  }

  /**
   * Keeps with the client what a declaration says, for the tracking plan.
   *
   * @param declaring - the public function that was called
   */
  remember(
    declaration: Declaration<C>,
    where: DeclaredWhere,
    declaring: (...args: never[]) => unknown,
  ): DeclaredEvent {
    const described = describeDeclaration(declaration, where, this.identify !== undefined);
    return rememberDeclared(this.client, described, declaring);
  }
}
