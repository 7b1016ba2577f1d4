import{j as e}from"../chunk-QY3QWFKW.js";e();var t=async(s,n)=>({bundlePath:new URL("../seg.tar.gz",import.meta.url)}),a={name:"seg",setup:t};export{a as seg};
//# sourceMappingURL=seg.js.map