/** Once before all tests: the page is built where it is not, so that no two of them build it at the same time. */
import { pageFiles } from '../services/visualizer/files.ts'

export default async function buildPage(): Promise<void> {
  await pageFiles()
}
