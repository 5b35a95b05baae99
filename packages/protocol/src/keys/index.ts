export {
  type ImportKeyFile,
  type ImportKeyStatement,
  type ImportPackage,
  type ImportWrapping,
  importKeyFile,
  importKeyStatement,
  importPackage,
  importWrapping,
  MAX_IMPORT_PACKAGE_BYTES,
} from './import-package.ts'
export {
  type BackupShare,
  backupShare,
  keyWitness,
  type SharedBackup,
  sharedBackup,
} from './shared-backup.ts'
