export { createFileFaults, type FileFaults } from './file-faults.ts'
