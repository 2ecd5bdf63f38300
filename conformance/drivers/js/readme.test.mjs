// The script of the repository's README, run as a reader would: against the real `mfa-mock`.
// `cargo xtask test` builds that binary and names it in MFA_MOCK_BINARY.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import test from 'node:test';

const binary = process.env.MFA_MOCK_BINARY;
const readme = new URL('../../../README.md', import.meta.url);
// Beside this file, so that Node finds the SDK where `npm ci` put it.
const script = new URL('./.readme-script.mjs', import.meta.url);

test('the script of the README prints what the README says', {
  skip: binary ? false : 'MFA_MOCK_BINARY is not set; cargo xtask test sets it',
  timeout: 60_000,
}, async () => {
  const text = await readFile(readme, 'utf8');
  const blocks = [...text.matchAll(/```(js|text)\n(.*?)```/gs)].map(([, kind, body]) => ({ kind, body }));
  const at = blocks.findIndex(({ body }) => body.startsWith("import * as dynamic"));
  assert.notEqual(at, -1, 'the README has a script that imports the SDK');
  const promised = blocks[at + 1];
  assert.equal(promised.kind, 'text', 'the script is followed by what it prints');

  const mock = spawn(binary, ['--port', '0', '--quiet'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [baseUrl] = await once(createInterface({ input: mock.stdout }), 'line');
    await writeFile(script, blocks[at].body);
    const run = spawn(process.execPath, [script.pathname], {
      env: { ...process.env, MFA_MOCK: baseUrl.replace(/\/api\/v0$/, '') },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    run.stdout.on('data', (part) => { printed += part; });
    const [status] = await once(run, 'close');
    assert.equal(status, 0);
    assert.equal(printed.replace(/secret=[A-Z2-7]{32}&/, 'secret=…&'), promised.body);
  } finally {
    mock.kill();
    await rm(script, { force: true });
  }
});
