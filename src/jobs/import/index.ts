export {
  type ImportedFile,
  importRecords,
  type ImportRecordsOptions,
  type ImportReport,
} from './import-records.ts';
