import { ModuleRefusal } from '../module.ts'

/** RFC 5649, 4.1: at least two semiblocks of eight octets, and whole ones. @throws ModuleRefusal `wrapped-key-invalid` */
export function checkWrappedLength({ length }: Uint8Array): void {
  if (length < 16 || length % 8 !== 0) {
    throw new ModuleRefusal('wrapped-key-invalid', `${length} octets are not the length of a wrapped key`)
  }
}
