/** Refusals and problems in the officer's words, with what to do where there is something. */
import type { KeyFileReason } from '@natsuin/pki/pbe'
import type { KeyProblem } from './report.ts'

const CONVERT = `Write the file again with openssl, which asks for both passwords and leaves nothing on the disk:
  openssl pkcs12 -legacy -in old.p12 | openssl pkcs12 -export -out new.p12`

export const FILE_WORDS: Readonly<Record<KeyFileReason, string>> = {
  'file-too-large': 'The file is larger than a key file can be (256 KiB).',
  'too-many-iterations': 'The file asks for more iterations of its password than are allowed (600,000).',
  'salt-too-long': 'The file has a salt longer than 64 bytes.',
  'derivation-too-costly': 'The file asks for more work on its password than is allowed.',
  'too-many-bags': 'The file has more than 64 parts.',
  'encryption-unsupported': `The file is encrypted with an algorithm that is too old.\n${CONVERT}`,
  'mac-unsupported': `The file is protected with an algorithm that we do not know.\n${CONVERT}`,
  'mac-missing': 'The file is not protected against change (it has no MAC). Ask its issuer for another.',
  'password-wrong': 'The password is wrong, or the file was changed.',
  'public-key-mode': 'The file is protected with a key instead of a password.',
  'bag-unsupported': `The file has a part of an unknown kind.\n${CONVERT}`,
  'format-unsupported': `The key is in a format of its algorithm’s own. Convert it with openssl:
  openssl pkcs8 -topk8 -in key.pem -out key.p8`,
  'not-one-key': 'The file must have exactly one private key.',
}

export const PROBLEM_WORDS: Readonly<Record<KeyProblem, string>> = {
  'key-kind': 'a kind of key that we do not sign with',
  'key-published': 'a key that is published: everybody has it',
  'rsa-modulus-size': 'RSA keys have 3072 or 4096 bits',
  'rsa-exponent-even': 'the public exponent is even',
  'rsa-exponent-size': 'the public exponent is not between 2^16 and 2^256',
  'rsa-small-factor': 'the modulus has a small factor',
  'rsa-close-primes': 'the primes are so close that the modulus can be factored',
  'rsa-infineon': 'made by a faulty chip (ROCA): the modulus can be factored',
  'rsa-shared-factor': 'shares a prime with another key: both can be factored',
  'rsa-private-exponent-small': 'the private exponent is so small that it can be computed',
  'rsa-multi-prime': 'more than two primes',
  'rsa-modulus-mismatch': 'the modulus is not the product of the primes',
  'rsa-primes-equal': 'both primes are the same',
  'rsa-primes-size': 'the primes are not half as long as the modulus',
  'rsa-primes-near': 'the primes are too close together',
  'rsa-prime-composite': 'a prime that is none',
  'rsa-exponent-mismatch': 'the exponents do not belong together',
  'rsa-crt-mismatch': 'the values that shorten the computation are not this key’s',
  'ec-parameters-explicit': 'the curve is spelled out instead of named',
  'ec-curve-unknown': 'a curve that we do not sign with',
  'ec-point-infinite': 'the public key is the point at infinity',
  'ec-point-form': 'the public key is not written uncompressed',
  'ec-point-off-curve': 'the public key is not on the curve',
  'ec-secret-range': 'the private key is out of range',
  'public-key-mismatch': 'the public key is not that of the private key',
  'certificate-not-yet-valid': 'the certificate is not valid yet',
  'certificate-expired': 'the certificate has expired',
  'certificate-is-an-authority': 'the certificate is an authority’s',
  'certificate-not-for-signing': 'the certificate is not for signing',
}
