export { closest, didYouMean } from '@judge-decoding/core';
