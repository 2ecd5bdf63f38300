// What an SDK asks before anybody has signed in.
export const start = {
  getEnvironmentSettings: (scene) => scene.visitor().call('getEnvironmentSettings', { sdkVersion: 'ClientSDK/1.27.1' }),
  logDynamicSdkSettings: (scene) => scene.visitor().call('logDynamicSdkSettings', { sdkSettingsRequest: {} }),
  getNonce: (scene) => scene.visitor().call('getNonce'),
  getNonces: (scene) => scene.visitor().call('getNonces', { count: 5 }),
  getJwksByEnvironmentId: (scene) => scene.visitor().call('getJwksByEnvironmentId'),
  getJwksJsonByEnvironmentId: (scene) => scene.visitor().call('getJwksJsonByEnvironmentId'),
  getHealthcheck: (scene) => scene.visitor().call('getHealthcheck'),
  createVisit: (scene) => scene.visitor().call('createVisit', {
    connectRequest: { address: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', chain: 'ETH', provider: 'browserExtension', walletName: 'metamask' },
  }),
};
