// Fills the package in the current folder with onnxruntime-node's files for its platform, for as long as
// it is being packed. Nothing of them is in the repository.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const here = process.cwd();
const manifest = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
const made = ['dist', 'bin', 'LICENSE', 'README.md'];
for (const name of made) rmSync(join(here, name), { recursive: true, force: true });
if (process.argv[2] === 'clean') process.exit(0);

const source = dirname(createRequire(join(here, 'package.json')).resolve('onnxruntime-node/package.json'));
const { version } = JSON.parse(readFileSync(resolve(source, 'package.json'), 'utf8'));
const [platform, architecture] = [manifest.os[0], manifest.cpu[0]];
const libraries = join('bin', 'napi-v6', platform, architecture);
cpSync(join(source, libraries), join(here, libraries), { recursive: true });
cpSync(join(source, 'dist'), join(here, 'dist'), {
  recursive: true,
  filter: (file) => !file.endsWith('.map'),
});

writeFileSync(
  join(here, 'README.md'),
  `# ${manifest.name}

The files of [onnxruntime-node](https://www.npmjs.com/package/onnxruntime-node) ${version} for ${platform} on
${architecture}, unchanged, by Microsoft. Its install script is left out: it fetches CUDA libraries that
@judge-decoding/backend-cpu has no use for, and where it cannot reach NuGet nothing can be installed.

Notices of what ONNX Runtime is made of:
https://github.com/microsoft/onnxruntime/blob/v${version}/ThirdPartyNotices.txt
`,
);
writeFileSync(
  join(here, 'LICENSE'),
  `MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`,
);
