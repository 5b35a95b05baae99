export {
  entryOf,
  NODE_OPTIONS,
  ProcessEnded,
  type ProcessName,
  type ProcessOptions,
  type ProgramName,
  type RunningProcess,
  runCommand,
  startProcess,
} from './our-process.ts'
