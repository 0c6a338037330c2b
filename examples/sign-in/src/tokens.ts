// #region verify
import { jwtVerify } from 'jose';
import { signingKey } from './your-app.ts';

export interface TokenUser {
  readonly id: string;
  readonly email: string | undefined;
}

const rules = {
  algorithms: ['HS256'],
  issuer: 'https://shop.example',
  audience: 'api',
  requiredClaims: ['sub', 'exp'],
};

/** Whose token it is, if its signature, its issuer, its audience and its age are right. */
export async function userOf(authorization: string | undefined): Promise<TokenUser | undefined> {
  const token = authorization?.match(/^Bearer (.+)$/i)?.[1];
  if (token === undefined) return undefined;
  try {
    const { payload } = await jwtVerify<{ sub: string; email?: string }>(token, signingKey, rules);
    return { id: payload.sub, email: payload.email };
  } catch {
    return undefined;
  }
}
// #endregion
