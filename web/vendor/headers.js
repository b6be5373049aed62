// What reads the headers of pictures: size and EXIF.
export { load as readTags } from "exifreader";
export { imageSize } from "image-size";
