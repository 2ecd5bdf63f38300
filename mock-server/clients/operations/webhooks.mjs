// Events, and where they are sent.
import { once } from 'node:events';
import { createServer } from 'node:http';

/** A receiver on this machine; `received` resolves with the first message. */
async function receiver() {
  const server = createServer();
  const received = once(server, 'request').then(async ([request, response]) => {
    const body = Buffer.concat(await request.toArray()).toString();
    response.end();
    return JSON.parse(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://localhost:${server.address().port}/hook`, received, close: () => server.close() };
}

const PLAN = { url: 'http://localhost:9/hook', isEnabled: false, events: ['user.created'] };

async function withWebhook(scene, plan = PLAN) {
  const administrator = await scene.administrator();
  const { webhookId } = await administrator.call('createWebhook', { webhookCreateRequest: plan });
  return { administrator, webhookId };
}

/** A webhook that was sent the news of a new user; `play` gets the id of the message. */
async function withMessage(scene, play) {
  const { url, received, close } = await receiver();
  try {
    const held = await withWebhook(scene, { ...PLAN, url, isEnabled: true });
    await scene.newcomer();
    const { messageId } = await received;
    await play({ ...held, messageId });
  } finally {
    close();
  }
}

const events = async (scene) => {
  const administrator = await scene.administrator();
  await scene.newcomer();
  return { administrator, listed: await administrator.call('getEvents') };
};

export const webhooks = {
  getEventTypes: async (scene) => (await scene.administrator()).call('getEventTypes'),
  getEvents: events,
  getEventById: async (scene) => {
    const { administrator, listed } = await events(scene);
    await administrator.call('getEventById', { eventId: listed.data[0].eventId });
  },
  createWebhook: withWebhook,
  getWebhooks: async (scene) => (await withWebhook(scene)).administrator.call('getWebhooks'),
  getWebhook: async (scene) => {
    const { administrator, webhookId } = await withWebhook(scene);
    await administrator.call('getWebhook', { webhookId, includeSecret: true });
  },
  updateWebhookById: async (scene) => {
    const { administrator, webhookId } = await withWebhook(scene);
    await administrator.call('updateWebhookById', { webhookId, webhookUpdateRequest: { ...PLAN, events: ['user.session.created'] } });
  },
  deleteWebhookById: async (scene) => {
    const { administrator, webhookId } = await withWebhook(scene);
    await administrator.call('deleteWebhookById', { webhookId });
  },
  getWebhookMessages: (scene) => withMessage(scene, async ({ administrator, webhookId }) => {
    await administrator.call('getWebhookMessages', { webhookId });
  }),
  getWebhookMessageDeliveries: (scene) => withMessage(scene, async ({ administrator, webhookId, messageId }) => {
    await administrator.call('getWebhookMessageDeliveries', { webhookId, messageId });
  }),
  redeliverWebhookMessage: (scene) => withMessage(scene, async ({ administrator, webhookId, messageId }) => {
    await administrator.call('redeliverWebhookMessage', { webhookId, messageId });
  }),
};
