import{j as e}from"../chunk-QY3QWFKW.js";e();var t=async(n,s)=>({bundlePath:new URL("../ltree.tar.gz",import.meta.url)}),a={name:"ltree",setup:t};export{a as ltree};
//# sourceMappingURL=ltree.js.map