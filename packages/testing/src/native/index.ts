export { builtLibrary, MODULES } from './built-library.ts'
