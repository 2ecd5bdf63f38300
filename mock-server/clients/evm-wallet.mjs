// An external wallet of the Ethereum family: a key, its address, and signatures over texts.
import { secp256k1 } from '@noble/curves/secp256k1';
import { keccak_256 } from '@noble/hashes/sha3';

const hex = (bytes) => Buffer.from(bytes).toString('hex');

export class EvmWallet {
  #key = secp256k1.utils.randomPrivateKey();
  /** The address with its checksum (ERC-55). */
  address = checksummed(keccak_256(secp256k1.getPublicKey(this.#key, false).subarray(1)).subarray(-20));

  /** Signs a text as `personal_sign` does (ERC-191, version 0x45): r, s and v in hex. */
  sign(text) {
    const bytes = Buffer.from(text);
    const digest = keccak_256(Buffer.concat([Buffer.from(`\x19Ethereum Signed Message:\n${bytes.length}`), bytes]));
    const signature = secp256k1.sign(digest, this.#key);
    return `0x${hex(signature.toCompactRawBytes())}${(27 + signature.recovery).toString(16)}`;
  }

  /** The message that an app asks to have signed (ERC-4361), and its signature: a `VerifyRequest`. */
  proof({ nonce, origin, environmentId }) {
    const messageToSign = [
      `${new URL(origin).host} wants you to sign in with your Ethereum account:`,
      this.address, '', 'Welcome. Signing is the only way we can know that you own this wallet.', '',
      `URI: ${origin}/`, 'Version: 1', 'Chain ID: 1', `Nonce: ${nonce}`,
      `Issued At: ${new Date().toISOString()}`, `Request ID: ${environmentId}`,
    ].join('\n');
    return {
      messageToSign, signedMessage: this.sign(messageToSign), publicWalletAddress: this.address,
      chain: 'EVM', walletName: 'metamask', walletProvider: 'browserExtension',
    };
  }
}

function checksummed(address) {
  const plain = hex(address);
  const digest = hex(keccak_256(plain));
  return `0x${[...plain].map((digit, at) => (parseInt(digest[at], 16) > 7 ? digit.toUpperCase() : digit)).join('')}`;
}
