import { startInspector } from '@verotrack/inspector';

export const inspector = startInspector({ authToken: 'tok_secret_of_the_consumer' });
export const received = async () => {
  const { events, requests, users } = await inspector;
  return { events: events(), requests: requests(), users: users() };
};
