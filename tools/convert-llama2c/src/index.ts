export { type ConvertLlama2cOptions, convertLlama2c } from './convert-llama2c.ts';
