// Trusted devices: a sign-in from a new one is confirmed with a token that is mailed.

/** Somebody whose first device is trusted, and who has confirmed a second one. */
async function onSecondDevice(scene) {
  await scene.world.patchSettings({ deviceRegistration: { required: true } });
  const first = await scene.newcomer();
  const second = await scene.visitor(first.email).signInByMail();
  const token = await scene.world.codeSentTo(first.email);
  await second.call('deviceRegistration', {}, { 'x-dynamic-device-registration-token': token });
  return second;
}

const listed = async (person) => (await person.call('listDeviceRegistrations')).deviceRegistrations;

export const deviceRegistration = {
  deviceRegistration: onSecondDevice,
  listDeviceRegistrations: async (scene) => {
    const count = (await listed(await onSecondDevice(scene))).length;
    if (count !== 2) throw new Error(`${count} devices are listed, not 2`);
  },
  deleteDeviceRegistration: async (scene) => {
    const person = await onSecondDevice(scene);
    const { id } = (await listed(person)).find(({ isCurrentDevice }) => !isCurrentDevice);
    await person.call('deleteDeviceRegistration', { deviceRegistrationId: id });
  },
  deleteAllDeviceRegistrations: async (scene) => (await onSecondDevice(scene)).call('deleteAllDeviceRegistrations'),
};
