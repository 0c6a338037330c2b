/** A queue as SQS is one: a message that was received and not deleted comes again. */
export interface MessageQueue<Body> {
  receive(options: { readonly signal: AbortSignal }): Promise<readonly Message<Body>[]>;
  delete(message: Message<Body>): Promise<void>;
}

export interface Message<Body> {
  readonly id: string;
  readonly body: Body;
}
