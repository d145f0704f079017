"""The forms of well-known teaching tables: a few rows each, written as the published files are."""

AUTO_MPG_UCI = (
    '18.0   8   307.0      130.0      3504.      12.0   70  1\t"chevrolet chevelle malibu"\n'
    '15.0   8   350.0      165.0      3693.      11.5   70  1\t"buick skylark 320"\n'
    '25.0   4   98.00      ?          2046.      19.0   71  1\t"ford pinto"\n'
    '24.0   4   113.0      95.00      2372.      15.0   70  3\t"toyota corona mark ii"\n'
    '27.0   4   97.00      88.00      2130.      14.5   71  3\t"datsun pl510"\n'
)

AUTO_MPG_SEABORN = """\
mpg,cylinders,displacement,horsepower,weight,acceleration,model_year,origin,name
18.0,8,307.0,130.0,3504,12.0,70,usa,chevrolet chevelle malibu
15.0,8,350.0,165.0,3693,11.5,70,usa,buick skylark 320
25.0,4,98.0,,2046,19.0,71,usa,ford pinto
24.0,4,113.0,95.0,2372,15.0,70,japan,toyota corona mark ii
27.0,4,97.0,88.0,2130,14.5,71,japan,datsun pl510
"""

IRIS = """\
sepal_length,sepal_width,petal_length,petal_width,species
5.1,3.5,1.4,0.2,setosa
7.0,3.2,4.7,1.4,versicolor
6.3,3.3,6.0,2.5,virginica
4.9,3.0,1.4,0.2,setosa
"""

IRIS_UCI = "5.1,3.5,1.4,0.2,Iris-setosa\n7.0,3.2,4.7,1.4,Iris-versicolor\n6.3,3.3,6.0,2.5,Iris-virginica\n\n"

IRIS_KAGGLE = """\
Id,SepalLengthCm,SepalWidthCm,PetalLengthCm,PetalWidthCm,Species
1,5.1,3.5,1.4,0.2,Iris-setosa
2,7.0,3.2,4.7,1.4,Iris-versicolor
3,6.3,3.3,6.0,2.5,Iris-virginica
"""

IRIS_R = (
    '"","Sepal.Length","Sepal.Width","Petal.Length","Petal.Width","Species"\n'
    '"1",5.1,3.5,1.4,0.2,"setosa"\n"2",7,3.2,4.7,1.4,"versicolor"\n"3",6.3,3.3,6,2.5,"virginica"\n'
)

TITANIC_SEABORN = """\
survived,pclass,sex,age,sibsp,parch,fare,embarked,class,who,adult_male,deck,embark_town,alive,alone
0,3,male,22.0,1,0,7.25,S,Third,man,True,,Southampton,no,False
1,1,female,38.0,1,0,71.2833,C,First,woman,False,C,Cherbourg,yes,False
1,3,female,26.0,0,0,7.925,S,Third,woman,False,,Southampton,yes,True
0,3,male,,0,0,8.4583,Q,Third,man,True,,Queenstown,no,True
0,3,male,2.0,3,1,21.075,S,Third,child,False,,Southampton,no,False
"""

TITANIC_KAGGLE = (
    "PassengerId,Survived,Pclass,Name,Sex,Age,SibSp,Parch,Ticket,Fare,Cabin,Embarked\n"
    '1,0,3,"Braund, Mr. Owen Harris",male,22,1,0,A/5 21171,7.25,,S\n'
    '2,1,1,"Cumings, Mrs. John Bradley (Florence Briggs Thayer)",female,38,1,0,PC 17599,71.2833,C85,C\n'
    '3,1,3,"Heikkinen, Miss. Laina",female,26,0,0,STON/O2. 3101282,7.925,,S\n'
    '4,0,3,"Allen, Mr. William Henry",male,35,0,0,373450,8.05,,S\n'
    '5,0,3,"Moran, Mr. James",male,,0,0,330877,8.4583,,Q\n'
    '6,0,1,"McCarthy, Mr. Timothy J",male,54,0,1,CA. 2343,51.8625,E46,S\n'
)

PENGUINS = """\
species,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,year
Adelie,Torgersen,39.1,18.7,181,3750,male,2007
Adelie,Torgersen,39.5,17.4,186,3800,female,2007
Adelie,Torgersen,NA,NA,NA,NA,NA,2007
Gentoo,Biscoe,46.1,13.2,211,4500,female,2008
Chinstrap,Dream,46.5,17.9,192,3500,female,2009
"""

WINE_QUALITY = (
    '"fixed acidity";"volatile acidity";"citric acid";"residual sugar";"chlorides";"free sulfur dioxide";'
    '"total sulfur dioxide";"density";"pH";"sulphates";"alcohol";"quality"\n'
    "7.4;0.7;0;1.9;0.076;11;34;0.9978;3.51;0.56;9.4;5\n"
    "7.8;0.88;0;2.6;0.098;25;67;0.9968;3.2;0.68;9.8;5\n"
    "11.2;0.28;0.56;1.9;0.075;17;60;0.998;3.16;0.58;9.8;6\n"
)

AIR_QUALITY_UCI = """\
Date;Time;CO(GT);PT08.S1(CO);NMHC(GT);C6H6(GT);T;RH;AH;;
10/03/2004;18.00.00;2,6;1360;150;11,9;13,6;48,9;0,7578;;
10/03/2004;19.00.00;2;1292;112;9,4;13,3;47,7;0,7255;;
10/03/2004;20.00.00;2,2;1402;88;9,0;11,9;54,0;0,7502;;
10/03/2004;21.00.00;-200;1376;80;9,2;11,0;60,0;0,7867;;
;;;;;;;;;;
;;;;;;;;;;
"""

AIRQUALITY_R = """\
"","Ozone","Solar.R","Wind","Temp","Month","Day"
"1",41,190,7.4,67,5,1
"2",36,118,8,72,5,2
"3",12,149,12.6,74,5,3
"4",NA,NA,14.3,56,5,5
"5",28,NA,14.9,66,6,6
"""

MTCARS_CSV = """\
"","mpg","cyl","disp","hp","drat","wt","qsec","vs","am","gear","carb"
"Mazda RX4",21,6,160,110,3.9,2.62,16.46,0,1,4,4
"Datsun 710",22.8,4,108,93,3.85,2.32,18.61,1,1,4,1
"Hornet 4 Drive",21.4,6,258,110,3.08,3.215,19.44,1,0,3,1
"""

MTCARS_TABLE = """\
"mpg" "cyl" "disp" "hp" "drat" "wt" "qsec" "vs" "am" "gear" "carb"
"Mazda RX4" 21 6 160 110 3.9 2.62 16.46 0 1 4 4
"Datsun 710" 22.8 4 108 93 3.85 2.32 18.61 1 1 4 1
"Hornet 4 Drive" 21.4 6 258 110 3.08 3.215 19.44 1 0 3 1
"""

FAITHFUL_TABLE = '"eruptions" "waiting"\n"1" 3.6 79\n"2" 1.8 54\n"3" 3.333 74\n'

FAITHFUL_DAT = """\
Old Faithful Geyser Data

Description: (From R manual):

     Waiting time between eruptions and the duration of the eruption
     for the Old Faithful geyser in Yellowstone National Park, Wyoming,
     USA.

     A data frame with 272 observations on 2 variables.

eruptions  numeric  Eruption time in mins
waiting    numeric  Waiting time to next eruption

References:

     Hardle, W. (1991) Smoothing Techniques with Implementation in S.
     New York: Springer.

     eruptions waiting
1         3.600      79
2         1.800      54
3         3.333      74
"""

BOSTON = (
    " 0.00632  18.00   2.310  0  0.5380  6.5750  65.20  4.0900   1  296.0  15.30 396.90   4.98  24.00\n"
    " 0.02731   0.00   7.070  0  0.4690  6.4210  78.90  4.9671   2  242.0  17.80 396.90   9.14  21.60\n"
    " 3.32105   0.00  19.580  1  0.8710  5.4030 100.00  1.3216   5  403.0  14.70 396.90  26.82  13.40\n"
)

CONCRETE = """\
Cement (component 1)(kg in a m^3 mixture),"Water  (component 4)(kg in a m^3 mixture)",Age (day),Strength(MPa)
540,162,28,79.99
332.5,228,270,40.27
198.6,192,360,44.3
"""

YACHT = (
    "-2.3 0.568 4.78 3.99 3.17 0.125 0.11 \n-5 0.565 4.77 3.99 3.15 0.150 0.27 \n0 0.53 4.7 3.7 3.1 0.2 0.4\n"
)

LONGLEY_NUMPY = "# deflator employed\n8.300000e+01 6.0323e+04\n8.850000e+01 6.1122e+04\n8.82e+01 6.0171e+04\n"
