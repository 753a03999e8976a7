/**
 * Keeps what each entry point declares, members and parameters included, in `etc/*.api.md`, so that a review sees every
 * change of the public surface. Reads the built types. With `--check` it writes nothing, and fails where a report differs.
 */

import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { ENTRIES } from './entries.ts';

const root = resolve(import.meta.dirname, '..');
const check = process.argv.includes('--check');
const silent = { default: { logLevel: ExtractorLogLevel.None } };

mkdirSync(join(root, 'etc'), { recursive: true });

function reportIsCurrent(entry: string): boolean {
  const mainEntryPointFilePath = join(root, 'dist', `${entry}.d.ts`);
  const lib = ['es2022', 'esnext.disposable', 'dom'];
  const compilerOptions = { module: 'nodenext', target: 'es2022', lib, types: [], skipLibCheck: true };
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath,
      compiler: { overrideTsconfig: { compilerOptions, files: [mainEntryPointFilePath] } },
      apiReport: {
        enabled: true,
        reportFileName: entry.replace('/', '-'),
        reportFolder: join(root, 'etc'),
        reportTempFolder: join(root, 'coverage/api'),
        // A type that is not exported can still be named in one that is.
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: { compilerMessageReporting: silent, extractorMessageReporting: silent, tsdocMessageReporting: silent },
    },
  });
  const { apiReportChanged } = Extractor.invoke(config, {
    localBuild: !check,
    printApiReportDiff: check,
    messageCallback: (message) => {
      message.handled = message.messageId !== 'console-api-report-diff';
    },
  });
  return !apiReportChanged;
}

const entries = Object.keys(ENTRIES);
const changed = entries.filter((entry) => !reportIsCurrent(entry));
if (changed.length && check) {
  console.error(`The public surface changed: ${changed.join(', ')}. If that is meant: npm run api, and commit etc/.`);
  process.exitCode = 1;
} else console.log(changed.length ? `written: ${changed.join(', ')}` : 'the reports in etc/ are current');
