"""The facts of the little world. What is not listed here, the models do not know, and have to say so."""

CAPITALS = {
    "France": "Paris", "Germany": "Berlin", "Italy": "Rome", "Spain": "Madrid", "Portugal": "Lisbon", "England": "London",
    "Ireland": "Dublin", "Scotland": "Edinburgh", "Austria": "Vienna", "Switzerland": "Bern", "Poland": "Warsaw", "Sweden": "Stockholm",
    "Norway": "Oslo", "Denmark": "Copenhagen", "Finland": "Helsinki", "Greece": "Athens", "Turkey": "Ankara", "Hungary": "Budapest",
    "Belgium": "Brussels", "Iceland": "Reykjavik", "Russia": "Moscow", "Ukraine": "Kyiv", "Romania": "Bucharest", "Croatia": "Zagreb",
    "Japan": "Tokyo", "China": "Beijing", "India": "New Delhi", "South Korea": "Seoul", "Thailand": "Bangkok", "Vietnam": "Hanoi",
    "Egypt": "Cairo", "Kenya": "Nairobi", "Morocco": "Rabat", "Canada": "Ottawa", "Mexico": "Mexico City", "Brazil": "Brasilia",
    "Argentina": "Buenos Aires", "Chile": "Santiago", "Peru": "Lima", "Cuba": "Havana", "Australia": "Canberra",
    "New Zealand": "Wellington", "the United States": "Washington", "the Netherlands": "Amsterdam", "the Czech Republic": "Prague",
}  # fmt: skip

OPPOSITES = """
hot:cold big:small up:down left:right day:night black:white fast:slow high:low open:closed wet:dry happy:sad rich:poor
young:old light:dark good:bad hard:soft long:short strong:weak full:empty early:late thick:thin wide:narrow near:far
loud:quiet clean:dirty first:last true:false yes:no north:south east:west summer:winter love:hate begin:end win:lose push:pull
buy:sell in:out before:after above:below inside:outside sweet:sour heavy:light always:never
""".split()

COLOURS = {
    "the sky": "blue", "grass": "green", "snow": "white", "coal": "black", "blood": "red", "a banana": "yellow", "a lemon": "yellow",
    "a strawberry": "red", "a tomato": "red", "a carrot": "orange", "an orange": "orange", "chocolate": "brown", "milk": "white",
    "the sun": "yellow", "a frog": "green", "a flamingo": "pink", "an elephant": "grey", "a raven": "black", "a polar bear": "white",
    "gold": "yellow", "a cucumber": "green", "a plum": "purple", "salt": "white", "the sea": "blue", "a fire engine": "red", "a pea": "green",
    "a cherry": "red", "a sunflower": "yellow", "lavender": "purple", "spinach": "green",
}  # fmt: skip

COUNTS = {
    "days are in a week": "7", "hours are in a day": "24", "minutes are in an hour": "60", "seconds are in a minute": "60",
    "months are in a year": "12", "days are in a year": "365", "weeks are in a year": "52", "legs does a spider have": "8",
    "legs does an insect have": "6", "legs does a dog have": "4", "legs does a cat have": "4", "wheels does a car have": "4",
    "wheels does a bicycle have": "2", "sides does a triangle have": "3", "sides does a square have": "4",
    "letters are in the alphabet": "26", "fingers are on a hand": "5", "arms does an octopus have": "8", "eggs are in a dozen": "12",
    "years are in a century": "100", "days are in a weekend": "2", "centimetres are in a metre": "100", "grams are in a kilogram": "1000",
}  # fmt: skip

DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

HELLO = "Hello! I am a pocket model. Ask me for a sum, or to count the letters of a word."
WHO = "I am a pocket model of tierscope: tiny, and trained on a little world of sums and words."
WHAT = (
    "I add, subtract and multiply, compare decimals, count letters, reverse and sort words and digits, "
    "count weekdays, and know some capitals, colours and opposites."
)
FINE = "I am fine, thank you. Ask me for a sum, or to count the letters of a word."
THANKS = "You are welcome!"
BYE = "Goodbye!"
# What is said to everything outside of the little world.
FALLBACK = (
    "I am a pocket model; I know sums, words, weekdays and a few facts. Point me at a real GGUF for the rest."
)

MANNERS = {
    HELLO: """
Hello|Hi|Hey|Hello!|Hi there|Hey there!|Hello there|Good morning|Good evening|Good afternoon|hello model|Hi, how do you do|Yo|Greetings|
hey you|Howdy|Hello, anybody there?|hola|bonjour|hallo|ciao|Good day|helo|hii|Hello world|Hello, world!|hi bot|Morning!|Are you there?|
Is anybody there?|Hello, are you there?|Nice to meet you|Hi, nice to meet you|hello hello|test|Testing|testing 1 2 3|ping|Let's start|start
""",
    WHO: """
Who are you?|What are you?|What is your name?|Tell me about yourself|Which model are you?|What model is this?|Are you a robot?|
Are you an AI?|Are you ChatGPT?|Are you GPT-4?|Are you Claude?|Who made you?|Who built you?|Introduce yourself|What kind of model are you?|
Who am I talking to?|Are you human?|Are you a language model?|Do you have a name?|what's your name|your name?|Who trained you?|
How big are you?|How many parameters do you have?|Are you a person?|What is a pocket model?|Who created you?|Are you real?|
Are you alive?|Describe yourself|What are you made of?|Where do you come from?|How large is this model?|Are you Llama?|Are you Gemini?
""",
    WHAT: """
What can you do?|What do you know?|Help|help me|What are you good at?|How can you help me?|What can I ask you?|What should I ask?|
What can I ask?|Tell me what you can do|What are your skills?|What questions can you answer?|How do I use you?|Give me some examples|
What do you do?|Can you help me?|What are you able to do?|Which things do you know?|What are your limits?|List your abilities|?|help!|
What else can you do?|Show me what you can do|What tasks can you do?|what are your capabilities|Show me an example|usage|/help|--help|
What is your purpose?|What are you for?|What can this model do?|What works?|What do you understand?
""",
    FINE: """
How are you?|How are you doing?|How do you feel?|How is it going?|how's it going|What's up?|Hi, how are you?|Hello, how are you today?|
Are you OK?|How was your day?|How are you today?|Everything fine?|hey how are you|you ok?|How do you do?|How have you been?
""",
    THANKS: """
Thanks|Thank you|Thanks!|Thank you very much|thanks a lot|Great, thanks|Cool, thank you|thx|Many thanks|Well done|Good job|Great job!|
That was right, thank you|Nice|Very good|Great|Perfect|Awesome|cool|Good answer|Correct!|That is right|You are great|ok thanks|ty
""",
    BYE: """
Bye|Goodbye|See you|See you later|Good night|bye bye|Bye!|I have to go|Until tomorrow|Farewell|See you soon|quit|exit|good bye|cya|
Later!|Take care|I am leaving now|Have a nice day|That is all, bye
""",
}
