export { JsonRefused, parseUnambiguousJson } from './unambiguous-json.ts'
