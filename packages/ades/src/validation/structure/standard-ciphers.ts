/** The ciphers of encrypted documents, for the verifier: AES in CBC mode by WebCrypto, and RC4 to check old passwords. */

interface Cbc {
  readonly key: Uint8Array
  readonly iv: Uint8Array
  readonly data: Uint8Array
}

export async function sha2(bits: 256 | 384 | 512, data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest(`SHA-${bits}`, data.slice()))
}

/** Whole blocks; the one of padding that WebCrypto adds is cut off. */
export async function cbcEncrypt({ key, iv, data }: Cbc): Promise<Uint8Array> {
  const encrypted = await run('encrypt', { key, iv, data })
  return encrypted.subarray(0, data.length)
}

/** Whole blocks without padding: WebCrypto wants some, so what decrypts to a block of it is put behind. */
export async function cbcDecrypt({ key, iv, data }: Cbc): Promise<Uint8Array> {
  const padding = await run('encrypt', { key, iv: data.subarray(-16), data: new Uint8Array() })
  const whole = new Uint8Array([...data, ...padding])
  return run('decrypt', { key, iv, data: whole })
}

/** Strings and streams: the initialization vector stands in front, padding is at the end (7.6.3.1). */
export async function cbcOpen(key: Uint8Array, data: Uint8Array): Promise<Uint8Array | undefined> {
  if (data.length < 32 || data.length % 16 !== 0) return undefined
  const opened = run('decrypt', { key, iv: data.subarray(0, 16), data: data.subarray(16) })
  return opened.catch(() => undefined)
}

async function run(operation: 'encrypt' | 'decrypt', { key, iv, data }: Cbc): Promise<Uint8Array> {
  const imported = await crypto.subtle.importKey('raw', key.slice(), 'AES-CBC', false, [operation])
  const parameters = { name: 'AES-CBC', iv: iv.slice() }
  return new Uint8Array(await crypto.subtle[operation](parameters, imported, data.slice()))
}

export function rc4(key: Uint8Array, data: Uint8Array): Uint8Array {
  const box = Array.from({ length: 256 }, (_, i) => i)
  const at = (i: number) => box[i % 256] ?? 0
  const swap = (i: number, j: number) => {
    ;[box[i % 256], box[j % 256]] = [at(j), at(i)]
  }
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + at(i) + (key[i % key.length] ?? 0)) % 256
    swap(i, j)
  }
  let sum = 0
  return data.map((byte, i) => {
    sum = (sum + at(i + 1)) % 256
    swap(i + 1, sum)
    return byte ^ at(at(i + 1) + at(sum))
  })
}
