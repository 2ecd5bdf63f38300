// The judge of the answers can say no: each kind of mistake, made on purpose in a good answer.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { complaintsAbout } from './answer.mjs';
import { contractOf } from './contract.mjs';

const contract = await contractOf('@dynamic-labs/sdk-api-core');
const device = {
  id: 'd1', type: 'totp', verified: true, default: true,
  createdAt: '2026-01-02T03:04:05.678Z', verifiedAt: null,
};
const credential = { id: 'c1', format: 'email', public_identifier: 'a@b.test', email: 'a@b.test', signInEnabled: true };
const answer = {
  user: { id: 'u1', projectEnvironmentId: 'e1', verifiedCredentials: [credential], metadata: { any: [1, { thing: null }] } },
  expiresAt: 7, minifiedJwt: 'h.p.s', elevatedAccessToken: null,
};
const about = (body, model) => complaintsAbout(body, { name: model, nullable: false }, contract);

test('an answer as the client expects it has no fault', () => {
  assert.deepEqual(about(device, 'MFADevice'), []);
  assert.deepEqual(about(answer, 'VerifyResponse'), []);
});

describe('a fault is named with its path', () => {
  const faults = {
    'a field that the model requires': [{ user: answer.user }, 'VerifyResponse', /^\$\.expiresAt: missing, and VerifyResponse requires it$/],
    'a required field of a model inside': [
      { ...answer, user: { ...answer.user, verifiedCredentials: [{ id: 'c1' }] } }, 'VerifyResponse',
      /^\$\.user\.verifiedCredentials\[0\]\.format: missing, and JwtVerifiedCredential requires it$/,
    ],
    'a list that the client walks': [{ ...answer, user: { id: 'u1', projectEnvironmentId: 'e1' } }, 'VerifyResponse', /\$\.user\.verifiedCredentials: missing/],
    'a field that the client drops': [{ ...device, isDefault: true }, 'MFADevice', /^\$\.isDefault: lost \(true\)$/],
    'a field by its name in JavaScript': [{ ...device, _default: true }, 'MFADevice', /^\$\._default: lost/],
    'a date without milliseconds': [{ ...device, createdAt: '2026-01-02T03:04:05Z' }, 'MFADevice', /^\$\.createdAt: .* no ISO date/],
    'a date as a number': [{ ...device, createdAt: 1767323045 }, 'MFADevice', /^\$\.createdAt: .* no ISO date/],
    'a value that the enum lacks': [{ ...device, type: 'sms' }, 'MFADevice', /^\$\.type: "sms" is no MFADeviceType$/],
    'another type': [{ ...device, verified: 'yes' }, 'MFADevice', /^\$\.verified: "yes" is no boolean$/],
    'null where there must be something': [{ ...device, id: null }, 'MFADevice', /^\$\.id: null/],
    'something else than an object': [[], 'MFADevice', /^\$: no object/],
  };
  for (const [name, [body, model, expected]] of Object.entries(faults)) {
    test(name, () => {
      const complaints = about(body, model);
      assert.ok(complaints.some((complaint) => expected.test(complaint)), JSON.stringify(complaints));
    });
  }
});

for (const [name, operationsMin] of [['@dynamic-labs/sdk-api-core', 378], ['@dynamic-labs/sdk-api', 400]]) {
  test(`every operation and every model of ${name} is understood`, async () => {
    const read = await contractOf(name);
    const files = readdirSync(join(read.folder, 'models')).filter((file) => /^[A-Z].*\.d\.ts$/.test(file));
    const models = files.map((file) => file.replace('.d.ts', ''));
    // The one alias among the models stands for a request.
    const unread = models.filter((model) => model !== 'CreateEmbeddedWalletSpecificOpts').filter((model) => !read.model(model));
    assert.deepEqual(unread, []);
    assert.ok(models.length > 500, `${models.length} models`);
    const declared = readdirSync(join(read.folder, 'apis')).filter((file) => /Api\.d\.ts$/.test(file))
      .flatMap((file) => readFileSync(join(read.folder, 'apis', file), 'utf8').match(/^ {4}\w+Raw\(/gm));
    assert.equal(read.operations.size, new Set(declared).size);
    assert.ok(declared.length >= operationsMin, `${declared.length} operations`);
  });
}
