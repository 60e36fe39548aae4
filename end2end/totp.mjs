// One-time codes as an authenticator makes them (RFC 6238, and RFC 4648 for the secret's alphabet).
import { createHmac } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The bytes of a base32 secret; spaces, case and padding don't matter. */
function base32(text) {
  const bits = [...text.toUpperCase().replace(/[\s=]/g, "")].map((letter) => {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) throw new Error(`'${letter}' is no base32 letter`);
    return value.toString(2).padStart(5, "0");
  });
  return Buffer.from(bits.join("").match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

/**
 * The code for a base32 secret at a time in milliseconds.
 *
 * Codes can't be used twice: a journey that needs a second one asks for the next period, `totp(secret, Date.now() + 30_000)`.
 */
export function totp(secret, at = Date.now(), { digits = 6, period = 30, algorithm = "sha1" } = {}) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 1000 / period)));
  const digest = createHmac(algorithm, base32(secret)).update(counter).digest();
  const number = digest.readUInt32BE(digest.at(-1) & 15) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, "0");
}
