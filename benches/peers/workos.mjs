// The emulator of the package `workos`, on loopback: node workos.mjs PORT KEYS
//
// Its command line binds every address and speaks with its maker; the function that it calls does not.
import net from 'node:net';

const listen = net.Server.prototype.listen;
// The emulator names no address, and Node.js would take all of them.
net.Server.prototype.listen = function (port, host, ...rest) {
  return listen.call(this, port, host ?? '127.0.0.1', ...rest);
};

const [port, keys] = process.argv.slice(2).map(Number);
const { createEmulator } = await import('workos/emulate');
await createEmulator({
  port,
  seed: {
    // It lets each key ask a thousand times a minute.
    apiKeys: Object.fromEntries(Array.from({ length: keys }, (_, number) => [`sk_test_${number}`, { environment: 'test' }])),
    users: [{ email: 'alice@example.com', password: 'correct horse', email_verified: true }],
  },
});
