"""One spelling per character, without moving any: what `money`, `dates` and `names` read.

`fold` keeps the length of a text, so a span found in the folded text is a span of the text as printed. NFKC does not:
it also turns ② and ² into plain digits, and "占地3m²5亿元" would read as 25亿元.
"""

from __future__ import annotations

import re

_PAIRS = """
億亿 萬万 點点 兩两 餘余 幾几 數数 總总 資资 項项 產产 業业 園园 區区 約约 開开 簽签 專专 東东 絲丝 嚴严 個个 豐丰 臨临
為为 麗丽 舉举 義义 樂乐 習习 鄉乡 書书 買买 亂乱 爭争 虧亏 雲云 亞亚 親亲 優优 會会 傳传 傷伤 倫伦 價价 從从 倉仓 儀仪
們们 眾众 體体 儲储 兒儿 償偿 備备 儘尽 僅仅 債债 偉伟 側侧 偵侦 養养 獸兽 內内 岡冈 冊册 寫写 軍军 農农 馮冯 決决 況况
凍冻 淨净 準准 涼凉 減减 湊凑 凱凯 鳳凤 劃划 劉刘 則则 剛刚 創创 刪删 別别 劑剂 劍剑 勸劝 辦办 務务 動动 勵励 勁劲 勞劳
勢势 勝胜 匯汇 彙汇 醫医 華华 協协 單单 賣卖 衛卫 卻却 廠厂 廳厅 歷历 曆历 厲厉 壓压 厭厌 縣县 參参 雙双 發发 髮发 變变
臺台 檯台 號号 嘆叹 嚇吓 呂吕 嗎吗 噸吨 聽听 啟启 啓启 吳吴 員员 響响 問问 喬乔 團团 圍围 國国 圖图 圓圆 聖圣 場场 壞坏
塊块 堅坚 壇坛 壩坝 墳坟 墜坠 壟垄 塗涂 墊垫 牆墙 墻墙 壯壮 聲声 殼壳 處处 夠够 頭头 奪夺 奮奋 獎奖 奧奥 婦妇 媽妈 孫孙
學学 寧宁 寶宝 實实 審审 憲宪 宮宫 寬宽 賓宾 對对 尋寻 導导 壽寿 將将 爾尔 塵尘 嘗尝 層层 屆届 屬属 歲岁 豈岂 嶺岭 島岛
峽峡 崗岗 嶽岳 巖岩 幣币 帥帅 師师 帳帐 幫帮 幹干 乾干 併并 並并 廣广 莊庄 慶庆 庫库 應应 廟庙 龐庞 廢废 異异 張张 彈弹
強强 歸归 當当 錄录 徹彻 徑径 後后 復复 複复 憶忆 憂忧 懷怀 態态 戀恋 惡恶 惱恼 悅悦 懸悬 慣惯 願愿 戲戏 戰战 戶户 紮扎
掃扫 揚扬 擾扰 撫抚 拋抛 搶抢 護护 報报 擬拟 擁拥 擇择 掛挂 擋挡 擠挤 揮挥 損损 撿捡 換换 據据 擴扩 採采 攜携 攝摄 擺摆
搖摇 敵敌 齊齐 斷断 無无 舊旧 時时 曠旷 顯显 晉晋 曉晓 曬晒 暢畅 術术 機机 殺杀 雜杂 權权 條条 來来 楊杨 極极 構构 槍枪
櫃柜 標标 棧栈 棟栋 欄栏 樹树 樣样 橋桥 檔档 檢检 樓楼 橫横 歡欢 歐欧 殘残 毀毁 畢毕 氈毡 氣气 氫氢 漢汉 湯汤 溝沟 沒没
瀝沥 淪沦 滄沧 滬沪 濘泞 澤泽 潔洁 灑洒 淺浅 漿浆 澆浇 測测 濟济 渾浑 濃浓 濤涛 漣涟 潤润 漲涨 滲渗 溫温 灣湾 濕湿 滿满
濾滤 濫滥 濱滨 灘滩 滅灭 燈灯 靈灵 災灾 爐炉 煉炼 煙烟 煩烦 燒烧 燴烩 熱热 愛爱 爺爷 牽牵 犧牺 狀状 獨独 獅狮 獄狱 獵猎
獻献 環环 現现 瑪玛 瓊琼 電电 畫画 畝亩 療疗 瘡疮 監监 蓋盖 盤盘 鹽盐 盜盗 礦矿 碼码 磚砖 礎础 碩硕 確确 礙碍 禮礼 禍祸
離离 種种 積积 稱称 穩稳 窮穷 競竞 竊窃 窯窑 窩窝 筆笔 築筑 節节 範范 簡简 籃篮 類类 糧粮 緊紧 糾纠 紅红 纖纤 級级 紀纪
緯纬 純纯 紗纱 綱纲 納纳 縱纵 紛纷 紙纸 紋纹 紡纺 線线 綫线 練练 組组 細细 織织 終终 經经 結结 繞绕 給给 絡络 絕绝 統统
絹绢 繼继 績绩 緒绪 續续 維维 綿绵 綜综 綠绿 緩缓 編编 緣缘 縫缝 縮缩 網网 羅罗 罰罚 聯联 職职 聰聪 肅肃 腸肠 膚肤 腫肿
脹胀 膽胆 脈脉 腦脑 膠胶 臉脸 艦舰 艙舱 艱艰 藝艺 蘇苏 蘋苹 藍蓝 葉叶 蓮莲 蘭兰 萊莱 獲获 營营 蕭萧 藥药 蟲虫 雖虽 蝦虾
蠶蚕 補补 襯衬 裝装 裡里 裏里 製制 見见 觀观 規规 視视 覽览 覺觉 觸触 譽誉 計计 訂订 認认 討讨 讓让 訓训 議议 訊讯 記记
講讲 許许 論论 設设 訪访 證证 評评 識识 診诊 詞词 譯译 試试 詩诗 誠诚 話话 該该 詳详 語语 誤误 說说 請请 諸诸 課课 調调
談谈 謀谋 謝谢 譜谱 貝贝 負负 貢贡 財财 責责 賢贤 敗败 貨货 質质 販贩 貫贯 購购 貯贮 貴贵 貸贷 貿贸 費费 賀贺 賽赛 贏赢
贊赞 趙赵 趕赶 車车 軌轨 軟软 轉转 輪轮 軸轴 輕轻 載载 較较 輔辅 輛辆 輥辊 輝辉 輸输 轄辖 邊边 遼辽 達达 遷迁 過过 邁迈
運运 還还 這这 進进 遠远 違违 連连 遲迟 適适 選选 遺遗 鄧邓 鄭郑 鄰邻 醬酱 釀酿 釋释 鑒鉴 針针 釘钉 鈣钙 鈦钛 鋼钢 鈉钠
鑰钥 鈞钧 鎢钨 鈷钴 鑽钻 鉀钾 鈾铀 鐵铁 鉛铅 銅铜 鋁铝 鎧铠 銀银 鑄铸 鋪铺 鏈链 銷销 鎖锁 鋰锂 鍋锅 鋅锌 銳锐 錯错 錫锡
錦锦 鍵键 鋸锯 鍛锻 鍍镀 鎂镁 鎮镇 鎳镍 鏡镜 長长 門门 閃闪 閉闭 間间 閒闲 閣阁 閥阀 閱阅 闊阔 隊队 陽阳 陰阴 陣阵 階阶
際际 陸陆 陳陈 險险 隨随 隱隐 難难 霧雾 靜静 韓韩 韋韦 頁页 頂顶 順顺 須须 頑顽 顧顾 頓顿 頒颁 預预 領领 頗颇 頻频 題题
顏颜 額额 顆颗 風风 飛飞 飯饭 飲饮 飼饲 飾饰 餅饼 餃饺 館馆 馬马 馳驰 駐驻 駕驾 驗验 騎骑 驅驱 驛驿 驟骤 魚鱼 魯鲁 鮮鲜
鳥鸟 鳴鸣 鴻鸿 鵬鹏 鷹鹰 麥麦 黃黄 齒齿 齡龄 龍龙 龜龟 鞏巩 滎荥 於于 衝冲 沖冲 鬥斗 麵面 鬆松 癥症 徵征 恆恒 懇恳 擊击
擔担 攬揽 滯滞 遞递 遊游 濰潍 鄲郸 瀋沈 潁颍 溼湿 鹼碱 堿碱 烴烃 熒荧 瑩莹 蠟蜡 繡绣 纜缆 鏟铲 鋒锋 鈑钣 閩闽 與与 軋轧
鑼锣
"""

_FOLD: dict[int, int] = {ord(pair[0]): ord(pair[1]) for pair in _PAIRS.split()}
_FOLD.update({wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)})  # full-width ASCII
_FOLD.update({0x3000: 0x20, 0xA0: 0x20, ord("○"): ord("〇"), ord("￥"): ord("¥")})


# Most texts that are folded have been folded before, and to look is cheaper than to translate.
_UNFOLDED = re.compile(f"[{re.escape(''.join(map(chr, _FOLD)))}]")


def fold(text: str) -> str:
    """The text in simplified characters and plain ASCII, as long as it was."""
    return text.translate(_FOLD) if _UNFOLDED.search(text) else text


# ---- What a spreadsheet program would take for a formula -----------------------------------------------------------
_FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠]|'*[\t\r\n]")
_FIGURE = re.compile(r"[+\-－]?[0-9.,%]*|-+")


def harmless(text: str) -> str:
    """A text as it may stand in a csv file: with "'" before what would be taken for a formula. `as_written` takes it
    off again.
    """
    return f"'{text}" if _FORMULA.match(text) and not _FIGURE.fullmatch(text) else text


def as_written(text: str) -> str:
    """What `harmless` was given; and what others were, who put "'" before figures as well."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text
