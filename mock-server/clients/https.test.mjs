// https, as Node meets it: whom it trusts when `exec` tells it, and whom it does not otherwise.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { withoutMock } from './mock.mjs';

const run = promisify(execFile);
const folder = withoutMock ? undefined : await mkdtemp(join(tmpdir(), 'mfa-mock-https-'));
after(() => folder && rm(folder, { recursive: true }));

/** A program for `node -e` that asks the service and prints what came of it. */
const ASK = `
  const { MFA_MOCK_BASE_URL, MFA_MOCK_ENVIRONMENT_ID, MFA_MOCK_CA, NODE_EXTRA_CA_CERTS } = process.env;
  const host = process.argv[1] ?? '127.0.0.1';
  const base = MFA_MOCK_BASE_URL.replace('127.0.0.1', host);
  const told = { base: MFA_MOCK_BASE_URL, ca: MFA_MOCK_CA, extra: NODE_EXTRA_CA_CERTS };
  fetch(base + '/sdk/' + MFA_MOCK_ENVIRONMENT_ID + '/settings').then(
    async (response) => ({ ...told, status: response.status, settings: await response.json() }),
    (error) => ({ ...told, code: error.cause?.code }),
  ).then((said) => console.log(JSON.stringify(said)));
`;

/** What Node says that runs beside a service of its own. */
async function asked({ command = [process.execPath], host = [], extra } = {}) {
  // What this machine sets there would change what is told.
  const { NODE_EXTRA_CA_CERTS, ...env } = process.env;
  if (extra !== undefined) env.NODE_EXTRA_CA_CERTS = extra;
  const flags = ['exec', '--quiet', '--tls', '--tls-dir', folder, '--'];
  const { stdout } = await run(process.env.MFA_MOCK_BINARY, [...flags, ...command, '-e', ASK, '--', ...host], { env });
  return JSON.parse(stdout);
}

describe('https', { skip: withoutMock }, () => {
  test('exec has Node trust the service, under each name of this machine', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const said = await asked({ host: [host] });
      assert.equal(said.status, 200, JSON.stringify(said));
      assert.match(said.base, /^https:\/\/127\.0\.0\.1:\d+\/api\/v0$/);
      assert.equal(said.ca, join(folder, 'ca.pem'));
      assert.equal(said.extra, said.ca);
      const told = JSON.stringify(said.settings.providers).match(/https?:\/\/[^"]+authorizeHtml/g);
      assert.ok(told.length > 0 && told.every((url) => url.startsWith(`https://${host}:`)), told.join());
    }
  });

  test('somebody else\'s extra CA is not lost by it', async () => {
    const extra = join(folder, 'extra.pem');
    await writeFile(extra, rootCertificates[0]);
    const said = await asked({ extra });
    assert.equal(said.status, 200, JSON.stringify(said));
    assert.notEqual(said.extra, extra);
    const both = await readFile(said.extra, 'utf8');
    assert.ok(both.includes(rootCertificates[0]) && both.includes(await readFile(said.ca, 'utf8')));
  });

  test('Node that is told nothing refuses it', async () => {
    const said = await asked({ command: ['env', '-u', 'NODE_EXTRA_CA_CERTS', process.execPath] });
    assert.equal(said.code, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', JSON.stringify(said));
  });

  test('the CA is the same at each start', async () => {
    const { ino, mtimeMs } = await stat(join(folder, 'ca.pem'));
    assert.equal((await asked()).status, 200);
    const now = await stat(join(folder, 'ca.pem'));
    assert.deepEqual([now.ino, now.mtimeMs], [ino, mtimeMs]);
  });
});
