/** Names of OpenTelemetry's semantic conventions. Those of messaging are not stable yet, so they are written down here. */
export const ERROR_TYPE = 'error.type';
export const SERVER_ADDRESS = 'server.address';
export const SERVER_PORT = 'server.port';
export const HTTP_STATUS = 'http.response.status_code';
export const MESSAGING_SYSTEM = 'messaging.system';
export const MESSAGING_OPERATION_NAME = 'messaging.operation.name';
export const MESSAGING_OPERATION_TYPE = 'messaging.operation.type';
export const MESSAGING_DESTINATION = 'messaging.destination.name';
export const MESSAGING_MESSAGE_ID = 'messaging.message.id';

/** Our own. */
export const PROJECT = 'verotrack.project';
export const EVENT_NAME = 'verotrack.event.name';
export const ATTEMPT = 'verotrack.attempt';
export const DROP_REASON = 'verotrack.drop.reason';
export const SKIP_REASON = 'verotrack.skip.reason';
export const PAUSE_REASON = 'verotrack.pause.reason';
