// Social sign-in. The service stands in for the provider with a page of its own, which decides
// without a person when it is asked not to be shown (`prompt=none`, OpenID Connect section 3.1.2.1).
import { randomUUID } from 'node:crypto';

const GOOGLE = { providerType: 'google' };
const APP = 'http://localhost:3000/back';

async function begin(person, provider = GOOGLE, more = {}) {
  const state = randomUUID();
  await person.call('initAuth', { ...provider, oauthInitAuthRequest: { state, ...more } });
  return state;
}

/** The provider's answer to somebody who agrees: a redirect, or a page with a form that is posted. */
async function agree(person, state, provider = GOOGLE, name = 'social@example.com') {
  const { url } = await person.call('oauthLoginUrl', provider);
  const page = new URL(url);
  for (const [key, value] of Object.entries({ state, prompt: 'none', login_hint: name })) page.searchParams.set(key, value);
  const response = await fetch(page, { redirect: 'manual' });
  const text = await response.text();
  const location = response.headers.get('location');
  const inAddress = location && new URL(location, page).searchParams.get('code');
  const [, inForm] = text.match(/name="code"[^>]*value="([^"]+)"/) ?? [];
  const code = inAddress ?? inForm;
  if (!code) throw new Error(`the provider’s page answered ${response.status} without a code: ${text.slice(0, 200)}`);
  return code;
}

/** A sign-in that has come back through the service; returns what an app presents. */
async function comeBack(person, more = {}) {
  const state = await begin(person, GOOGLE, more);
  await person.call('oauthRedirectCode', { ...GOOGLE, state, code: await agree(person, state) });
  const { code } = await person.call('oauthResult', { ...GOOGLE, oauthResultRequest: { state } });
  return { ...GOOGLE, oauthRequest: { state, code } };
}

export const social = {
  initAuth: (scene) => begin(scene.visitor(), GOOGLE, { redirectUrl: APP }),
  oauthLogin: (scene) => scene.visitor().call('oauthLogin', GOOGLE),
  oauthLoginUrl: (scene) => scene.visitor().call('oauthLoginUrl', GOOGLE),
  oauthAuthorizeHtml: async (scene) => {
    const visitor = scene.visitor();
    await visitor.call('oauthAuthorizeHtml', { ...GOOGLE, state: await begin(visitor) });
  },
  oauthRedirectCode: (scene) => comeBack(scene.visitor()),
  oauthRedirectApple: async (scene) => {
    const [visitor, apple] = [scene.visitor(), { providerType: 'apple' }];
    const state = await begin(visitor, apple);
    await visitor.call('oauthRedirectApple', { state, code: await agree(visitor, state, apple) });
  },
  oauthResult: async (scene) => {
    const visitor = scene.visitor();
    const state = await begin(visitor);
    await visitor.call('oauthResult', { ...GOOGLE, oauthResultRequest: { state } });
    await comeBack(visitor);
  },
  oauthSignIn: async (scene) => {
    const visitor = scene.visitor();
    await visitor.call('oauthSignIn', await comeBack(visitor));
    await visitor.call('getAuthenticatedUser');
  },
  oauthVerify: async (scene) => {
    const person = await scene.newcomer();
    await person.call('oauthVerify', await comeBack(person), await person.elevated('credential:link'));
  },
};
