/** The calls of Vero's API that are no events, without another client. */
// #region users
type Call =
  | ['POST', 'users/track', { id: string; email?: string; data?: object }]
  | ['PUT', 'users/reidentify', { id: string; new_id: string }]
  | ['PUT', 'users/tags/edit', { id: string; add?: string[]; remove?: string[] }]
  | ['POST', 'users/unsubscribe' | 'users/resubscribe' | 'users/delete', { id: string }];

/** Rejects when Vero did not take it: whoever calls it decides whether to try again. */
export async function tellVero(...[method, path, body]: Call): Promise<void> {
  const baseUrl = process.env.VERO_BASE_URL ?? 'https://api.getvero.com';
  const answer = await fetch(`${baseUrl}/api/v2/${path}`, {
    method,
    redirect: 'error', // the body has the token
    signal: AbortSignal.timeout(10_000),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth_token: process.env.VERO_AUTH_TOKEN, ...body }),
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`Vero answered ${answer.status} to ${path}`);
}
// #endregion
