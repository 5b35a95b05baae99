export { canonicalJson } from './canonical.ts'
export { JsonRefused, parseUnambiguousJson } from './unambiguous-json.ts'
