import assert from "node:assert/strict";
import { test } from "node:test";
import { totp } from "./totp.mjs";

test("codes are those of RFC 6238, appendix B", () => {
  // The RFC's secret, the ASCII digits 12345678901234567890, in base32.
  const secret = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ";
  const vectors = [
    [59, "94287082"],
    [1111111109, "07081804"],
    [1234567890, "89005924"],
    [2000000000, "69279037"],
    [20000000000, "65353130"],
  ];
  for (const [seconds, code] of vectors) assert.equal(totp(secret, seconds * 1000, { digits: 8 }), code);
});
